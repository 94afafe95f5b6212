// What the theme leaves out for a keyboard and for a screen reader.
document.addEventListener("DOMContentLoaded", () => {
  for (const one of document.querySelectorAll('.caption[role="heading"]')) one.setAttribute("aria-level", "2");
  for (const one of document.querySelectorAll("pre")) one.tabIndex = 0; // a long line scrolls
});
