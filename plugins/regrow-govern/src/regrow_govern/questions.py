"""The four questions that every model's owner has to answer; they are part of the code, so that no file loses one."""

#: name -> what is asked
QUESTIONS = {
    "unavailable": "What happens when the model is not available?",
    "bad_prediction": "What happens when a prediction is bad, and who notices?",
    "decay": "What happens when the model gets worse over time?",
    "lost_skills": "What happens when people no longer know how to do it without the model?",
}
