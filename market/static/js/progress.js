// A page that shows work under way looks again every two seconds, and is opened anew when the work is done.
const place = document.querySelector("[data-progress]");

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.querySelector("[data-progress]");
    if (!now) return location.reload();
    place.innerHTML = now.innerHTML;
  } catch {
    // Out of reach for a moment: look again.
  }
  setTimeout(look, 2000);
}

if (place) setTimeout(look, 2000);
