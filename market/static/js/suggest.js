// Suggestions below a search box: a combobox after the ARIA pattern. The address in data-suggest answers ?q= with
// JSON: [{"text": "...", "kind": "...", "href": "..."}]; without href the text is searched for.
const WAIT = 120;

function suggest(box) {
  const input = box.querySelector("input");
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0]?.textContent ?? "");
  list.hidden = true;
  box.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) {
    input.setAttribute(name, value);
  }

  let shown = [];
  let chosen = -1;
  let timer;
  let running;

  const choose = (index) => {
    chosen = index;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `${list.id}-${index}`);
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    choose(-1);
  };
  const open = (items) => {
    shown = items;
    list.replaceChildren(...items.map((item, index) => option(item, index)));
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(items.length > 0));
    choose(-1);
  };
  const option = (item, index) => {
    const line = document.createElement("li");
    line.id = `${list.id}-${index}`;
    line.setAttribute("role", "option");
    const text = document.createElement("span");
    text.dir = "auto";
    text.textContent = item.text;
    const kind = document.createElement("small");
    kind.textContent = item.kind ?? "";
    line.append(text, kind);
    line.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(index);
    });
    return line;
  };
  const take = (index) => {
    const item = shown[index];
    if (item.href) {
      location.assign(new URL(item.href, location.origin).origin === location.origin ? item.href : "/");
      return;
    }
    input.value = item.text;
    close();
    input.form.requestSubmit();
  };
  const ask = async () => {
    running?.abort();
    running = new AbortController();
    const text = input.value.trim();
    if (text.length < 2) return close();
    try {
      const address = new URL(box.dataset.suggest, location.origin);
      address.searchParams.set("q", text);
      const answer = await fetch(address, { signal: running.signal, headers: { accept: "application/json" } });
      if (answer.ok) open((await answer.json()).slice(0, 8));
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const last = shown.length - 1;
    if (event.key === "ArrowDown") choose(chosen === last ? -1 : chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen === -1 ? last : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) take(chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
}

document.querySelectorAll("[data-suggest]").forEach(suggest);
