"""What was answered, watched: a pipeline of its own (monitor/dvc.yaml) that reads sealed days of the prediction log.

log_files, seal     the log as a server wrote it, and as DVC keeps it
replay_day          every answer of a day again, from its bundle
collect, labels     one table of answers, with labels as they were known
signals, limit      checks as sums of days, and the one limit that keeps a budget of false alarms
drift, performance, alarms, page, figures, textfile      the stages
alarm_files         who has which alarm
run, commands       `regrow monitor`, `seal`, `alarms`, `demo-drift`
demo                a year of flights with a shift
"""
