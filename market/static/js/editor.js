// The editor of a listing keeps what is typed, and shows the page as it will be. Without it, Save and Preview do the same.
const box = document.querySelector("[data-autosave]");
const form = box?.closest("form");
const frame = document.querySelector("[data-preview]");
const WAIT = 1500;

let timer = 0;
let sending = false;
let again = false;
let done = false;

const say = (text) => {
  const line = box.querySelector("[role=status]");
  if (line.textContent !== text) line.textContent = text;
};

async function keep() {
  if (done) return;
  if (sending) {
    again = true;
    return;
  }
  sending = true;
  try {
    const answer = await fetch(box.dataset.autosave, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    say(told.changed_meanwhile ? box.dataset.changed : box.dataset.kept);
    await show();
  } catch {
    say(box.dataset.lost);
  }
  sending = false;
  if (again) {
    again = false;
    keep();
  }
}

async function show() {
  if (!frame?.querySelector("details").open) return;
  const answer = await fetch(frame.dataset.preview, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const article = page.querySelector("main article");
  if (!article) return;
  article.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
  article.querySelectorAll(".notice, form").forEach((element) => element.remove());
  article.querySelectorAll("h1").forEach((element) => {
    const title = document.createElement("p");
    title.className = "lead";
    title.textContent = element.textContent;
    element.replaceWith(title);
  });
  frame.querySelector("[data-preview-here]").replaceChildren(document.importNode(article, true));
}

if (form) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, WAIT);
  });
  form.addEventListener("submit", () => {
    done = true;
    clearTimeout(timer);
  });
  if (frame) {
    frame.hidden = false;
    frame.querySelector("details").addEventListener("toggle", show);
  }
}
