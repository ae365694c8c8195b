// What makes pages nicer when JavaScript is there. Nothing needs it: each part looks for its data attribute.
const all = (selector, act) => document.querySelectorAll(selector).forEach(act);

// A form is sent once, however often the button is pressed; Back makes it usable again.
all("form[data-once]", (form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    setTimeout(() => form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", "true")));
  });
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  all("form[data-sent]", (form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  });
});

// Menus close with Escape, with a click elsewhere, and when the focus leaves.
all("details[data-menu]", (menu) => {
  const close = () => menu.removeAttribute("open");
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    close();
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) close();
  });
});

// Filters apply themselves; without JavaScript their form has a button.
all("form[data-autosubmit]", (form) => form.addEventListener("change", () => form.requestSubmit()));
all("select[data-autosubmit]", (select) => select.addEventListener("change", () => select.form.requestSubmit()));

// A button that copies a reference or an address.
all("button[data-copy]", (button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const word = button.querySelector("span");
    const before = word.textContent;
    word.textContent = button.dataset.copied;
    word.setAttribute("role", "status");
    setTimeout(() => {
      word.textContent = before;
    }, 2000);
  });
});

// How many characters are left in a long text; said aloud only when typing pauses.
all("textarea[data-count]", (area) => {
  const limit = Number(area.dataset.count);
  const note = document.createElement("p");
  note.className = "count";
  const aloud = document.createElement("p");
  aloud.className = "visually-hidden";
  aloud.setAttribute("role", "status");
  area.after(note, aloud);
  let pause;
  const show = () => {
    const left = limit - [...area.value].length;
    const text = left < 0 ? area.dataset.countOver : area.dataset.countLeft;
    note.textContent = text.replace("{n}", Math.abs(left).toLocaleString(document.documentElement.lang));
    clearTimeout(pause);
    pause = setTimeout(() => {
      aloud.textContent = left < limit / 5 ? note.textContent : "";
    }, 1200);
  };
  area.addEventListener("input", show);
  show();
});
