// The search page without reloading: filters, order, pages and the search itself fetch the page and put its live part
// in place. The address changes with it, so Back, reload and sharing work. Without this file the page works as it is.
const live = () => document.querySelector("[data-live]");

const remembered = (root) => new Map([...root.querySelectorAll("details")].map((each) => [key(each), each.open]));
const key = (details) => details.querySelector("summary")?.textContent.replace(/[\d\s.,]+/g, " ").trim();

let running;

async function show(address, { push = true } = {}) {
  running?.abort();
  running = new AbortController();
  const before = live();
  before.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: running.signal, headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const after = page.querySelector("[data-live]");
    if (!after) throw new Error("no results in the answer");
    put(before, after);
    document.title = page.title;
    if (push) history.pushState({ live: true }, "", address);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

function put(before, after) {
  const open = remembered(before);
  const focus = document.activeElement?.id;
  for (const details of after.querySelectorAll("details")) {
    if (open.has(key(details))) details.open = open.get(key(details));
  }
  // The search box keeps its own elements, and with them its suggestions and the place of the cursor.
  const box = before.querySelector("#q");
  const typed = after.querySelector("#q");
  if (box && typed) {
    if (document.activeElement !== box) box.value = typed.value;
    typed.closest(".search-box").replaceWith(box.closest(".search-box"));
  }
  const said = after.querySelector("[data-said]")?.textContent.trim() ?? "";
  before.replaceChildren(...after.childNodes);
  before.removeAttribute("aria-busy");
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  setTimeout(() => {
    document.getElementById("search-said").textContent = said;
  }, 100);
}

const addressOf = (form) => {
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  return `${form.action.split("?")[0]}?${new URLSearchParams(fields)}`;
};

function begin(root) {
  // In the capture phase, so that the general rule for self-sending forms does not send the same form again.
  root.addEventListener(
    "change",
    (event) => {
      if (!event.target.closest("form[data-autosubmit]")) return;
      event.stopPropagation();
      show(addressOf(event.target.form));
    },
    true,
  );
  root.addEventListener("submit", (event) => {
    if (event.target.method === "post") return;
    event.preventDefault();
    show(addressOf(event.target));
  });
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const plain = !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || link.pathname !== location.pathname || link.origin !== location.origin) return;
    event.preventDefault();
    show(link.href).then(() => {
      if (link.closest(".pager")) document.getElementById("results")?.scrollIntoView();
    });
  });
  window.addEventListener("popstate", () => show(location.href, { push: false }));
}

if (live()) begin(live());
