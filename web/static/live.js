// Renews parts of a page: <div data-live="ADDRESS" data-every="SECONDS">. Without it, or with scripts off, the page
// is the same, as of when it was loaded. The browser asks with the ETag it has, and only what is new in an answer is
// touched: focus stays where it is, and of a part with aria-live nothing but the change is spoken. A hidden page asks
// nothing.
"use strict";

// What is on the page is no longer so: said, for eyes and screen readers, as long as nobody answers.
function tell(lost) {
  document.documentElement.classList.toggle("unreachable", lost);
  const note = document.getElementById("unreachable");
  const said = lost ? note.dataset.said : "";
  if (note.textContent !== said) note.textContent = said;
}

// Makes `old` hold what `wanted` holds, and leaves alone what is the same in both. Who has an id is the same wherever it
// stands in the list; whoever has none is the same at the same place.
function bring(old, wanted) {
  let next = old.firstChild;
  const drop = () => { const gone = next; next = next.nextSibling; gone.remove(); };
  const comes = (id) => { let one = next; while (one && one.id !== id) one = one.nextSibling; return one; };
  for (const want of [...wanted.childNodes]) {
    if (want.id && comes(want.id)) while (next.id !== want.id) drop();
    if (next && next.nodeName === want.nodeName && (next.id || "") === (want.id || "")) {
      if (!next.isEqualNode(want)) change(next, want);
      next = next.nextSibling;
    } else old.insertBefore(want, next);
  }
  while (next) drop();
}

function change(old, wanted) {
  if (old.nodeType !== Node.ELEMENT_NODE) { old.data = wanted.data; return; }
  for (const { name } of [...old.attributes]) {
    if (!wanted.hasAttribute(name) && name !== "open") old.removeAttribute(name); // opened by whoever reads it
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  bring(old, wanted);
}

function follow(part) {
  const every = Number(part.dataset.every || 2) * 1000;
  let misses = 0;

  async function renew() {
    if (!document.hidden) {
      try {
        const signal = AbortSignal.timeout(5000); // a box that was unplugged answers nothing at all
        const answer = await fetch(part.dataset.live, { cache: "no-cache", headers: { "X-Live": "1" }, signal });
        if (answer.status === 401) return location.reload();
        if (answer.ok) {
          show(await answer.text());
          const done = part.querySelector("[data-done]");
          if (done) return location.assign(done.dataset.done); // once: another time would break off the first
          misses = 0;
        } else misses += 1;
      } catch { misses += 1; }
      tell(misses > 2);
    }
    setTimeout(renew, every * Math.min(1 + misses, 10));
  }

  function show(text) {
    const wanted = part.cloneNode(false);
    wanted.innerHTML = text;
    const focused = part.contains(document.activeElement) && document.activeElement.id;
    bring(part, wanted);
    if (focused) document.getElementById(focused)?.focus();
  }

  setTimeout(renew, every);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) misses = 0; });
}

document.querySelectorAll("[data-live]").forEach(follow);
document.documentElement.classList.add("scripts");
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.ask || event.target.dataset.ask;
  if (question && !confirm(question)) event.preventDefault();
});
document.querySelector(".pages [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
