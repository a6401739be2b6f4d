// Live updates of the health page: the server says that something happened, and the part that changes is fetched again. Bars move each second.
const panel = document.querySelector('#live');
const status = document.querySelector('#live-status');

const words = (milliseconds) => {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours} h ` : ''}${Math.floor((seconds % 3600) / 60)} min ${seconds % 60} s left`;
};

const move = () => {
  for (const bar of document.querySelectorAll('progress[data-expires-at]')) {
    const left = Number(bar.dataset.expiresAt) - Date.now();
    bar.value = Math.max(0, left);
    bar.parentElement.querySelector('[data-time-left]').textContent = words(left);
  }
};

/** Whoever is in one of the regions with the keyboard stays there. */
const replace = (html) => {
  const focused = panel.contains(document.activeElement) ? document.activeElement.id : '';
  panel.innerHTML = html;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
};

let isFetching = false;
let isStale = false;
const refresh = async () => {
  isStale = true;
  if (isFetching) return;
  isFetching = true;
  while (isStale) {
    isStale = false;
    const response = await fetch('/health/panel').catch(() => undefined);
    if (response?.ok) replace(await response.text());
    move();
    // Many events come together: they are one change of the page.
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  isFetching = false;
};

if (panel) {
  const source = new EventSource('/health/events');
  source.addEventListener('open', () => {
    status.textContent = 'Live.';
    refresh();
  });
  source.addEventListener('auth', ({ data }) => {
    status.textContent = `Live. Last event: ${JSON.parse(data).type}.`;
    refresh();
  });
  source.addEventListener('error', () => {
    status.textContent = 'Not connected; trying again.';
  });
  addEventListener('pagehide', () => source.close());
  setInterval(move, 1000);
  // What changes without an event, such as a state that time alone brings about.
  setInterval(refresh, 10_000);
}
