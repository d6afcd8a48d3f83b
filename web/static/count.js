// Says how long a text is while it is being written: <textarea data-count="ADDRESS" data-said="ID">. Without it, the
// button beside the text does the same.
"use strict";

document.querySelectorAll("textarea[data-count]").forEach((field) => {
  const said = document.getElementById(field.dataset.said);
  let waiting = null;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        const text = encodeURIComponent(field.value || field.placeholder);
        const answer = await fetch(`${field.dataset.count}?text=${text}`, { headers: { "X-Live": "1" } });
        if (answer.ok) said.innerHTML = await answer.text();
      } catch { /* it is said again with the next letter */ }
    }, 250);
  });
});
