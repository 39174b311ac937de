"""The page at `/`: a form for one row, and the answer to it. A module, as a bundle brings modules along."""

FORM = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Try the model: @TARGET@</title>
<style>
  :root { color: #1d2430; background: #fff; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.5rem; margin: 0; }
  h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
  code { overflow-wrap: anywhere; }
  main { display: grid; gap: 2rem; margin-top: 1.5rem; }
  @media (min-width: 56rem) {
    main { grid-template-columns: 3fr 2fr; align-items: start; }
    #answer { position: sticky; top: 1rem; }
  }
  form { display: grid; gap: .9rem 1.2rem; align-items: start; }
  form { grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
  label { display: grid; gap: .1rem; font-weight: 600; overflow-wrap: anywhere; }
  input { font: inherit; font-weight: 400; width: 100%; box-sizing: border-box; padding: .4rem .5rem; }
  input { border: 1px solid #76808f; border-radius: .3rem; }
  input:focus-visible, button:focus-visible { outline: 3px solid #2f6fd0; outline-offset: 1px; }
  small { font-weight: 400; color: #515a68; overflow-wrap: anywhere; }
  button { font: inherit; font-weight: 600; padding: .6rem 1.4rem; border: 0; border-radius: .3rem; }
  button { background: #1f5fbf; color: #fff; cursor: pointer; justify-self: start; grid-column: 1 / -1; }
  #answer { border: 1px solid #c8ced8; border-radius: .4rem; padding: 1rem; min-height: 6rem; overflow-wrap: anywhere; }
  #prediction { font-size: 1.8rem; font-weight: 700; margin: 0; }
  .verdict { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-weight: 600; border: 1px solid; }
  .ok { background: #e4f4e8; color: #14532d; }
  .odd { background: #fdf3d8; color: #6b4700; }
  .refused { background: #fde7e5; color: #8a1c12; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; } dt { color: #515a68; } dd { margin: 0; }
  ul { padding-left: 1.2rem; margin: .5rem 0 0; }
</style>
<header>
  <h1>Try the model</h1>
  <p>It predicts <b>@TARGET@</b>. The fields hold a row of the data; change what you like.
  Bundle <code>@DIGEST@</code></p>
</header>
<main>
  <form id="row" autocomplete="off">@FIELDS@<button>Predict</button></form>
  <section id="answer" aria-live="polite" aria-labelledby="title">
    <h2 id="title">Answer</h2><div id="said">None yet.</div>
  </section>
</main>
<script>
const form = document.getElementById("row"), said = document.getElementById("said");
function make(tag, text, attributes = {}) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.textContent = text;
  return made;
}
function read(input) {
  if (input.value === "") return null;
  if (input.dataset.kind === "integer" || input.dataset.kind === "number") {
    return Number.isNaN(Number(input.value)) ? input.value : Number(input.value);
  }
  return input.dataset.kind === "boolean" ? ({"true": true, "false": false})[input.value] ?? input.value : input.value;
}
function reasons(remarks) {
  const list = make("ul", "", {id: "reasons"});
  for (const one of remarks || []) {
    const value = one.value === null ? "" : ` (${one.value})`, allowed = one.allowed ? `; allowed: ${one.allowed}` : "";
    list.append(make("li", `${one.column}${value} ${one.reason}${allowed}`));
  }
  return list;
}
function facts(pairs) {
  const list = make("dl", "");
  for (const [name, text] of pairs) list.append(make("dt", name), make("dd", text));
  return list;
}
function verdict(word) { return make("span", `guard: ${word}`, {id: "verdict", className: `verdict ${word}`}); }
function show(status, content) {
  if (status !== 200) {
    const word = content.errors ? "refused" : "";
    said.replaceChildren(make("p", "No answer", {id: "prediction"}), ...(word ? [verdict(word)] : []),
      make("p", content.error || `status ${status}`), reasons(content.errors));
    return;
  }
  const one = content.answers[0];
  const pairs = Object.entries(one.probabilities || {}).map(([name, share]) => [name, `${(100 * share).toFixed(1)} %`]);
  if (one.decision !== undefined) pairs.unshift(["decision", String(one.decision)]);
  pairs.push(["answered by", one.source], ...(one.why ? [["because", one.why]] : []));
  const headline = make("p", String(one.prediction), {id: "prediction"});
  said.replaceChildren(headline, verdict(one.guard), facts(pairs), reasons(one.remarks));
}
form.addEventListener("submit", async event => {
  event.preventDefault();
  const row = Object.fromEntries([...form.querySelectorAll("input")].map(input => [input.name, read(input)]));
  try {
    const response = await fetch("v1/predict", {method: "POST", body: JSON.stringify({rows: [row]})});
    show(response.status, await response.json());
  } catch (error) {
    said.replaceChildren(make("p", `The server can't be reached: ${error}`));
  }
});
</script>
</html>
"""
