import { plot, size } from '../html/chart.ts';

/**
 * The report's one script: values at the pointer. The page says everything without it. No '<' and no '&' in it, which
 * HTML and XML would read differently.
 */
export const hoverScript = `
const [left, right, width] = [${plot.left}, ${plot.right}, ${size.width}];
for (const svg of document.querySelectorAll('.chart svg')) {
  const curves = [...svg.querySelectorAll('g[data-points]')].map(({ dataset }) => ({
    name: dataset.name,
    points: dataset.points.split(' ').map((point) => point.split(',').map(Number)),
  }));
  const unit = svg.dataset.unit ? ' %' : '';
  const steps = Math.max(1, Number(svg.dataset.steps));
  const cursor = document.createElementNS(svg.namespaceURI, 'line');
  const tip = document.createElement('div');
  tip.className = 'tip';
  svg.addEventListener('pointermove', (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    const step = Math.min(1, Math.max(0, (x - left) / (right - left))) * steps;
    const nearest = ({ points }) =>
      points.reduce((a, b) => (Math.abs(a[0] - step) > Math.abs(b[0] - step) ? b : a));
    const epoch = svg.dataset.epoch ? ', epoch ' + (step / svg.dataset.epoch).toFixed(1) : '';
    const lines = curves.map((curve) => curve.name + ': ' + nearest(curve)[1] + unit);
    tip.textContent = ['step ' + Math.round(step) + epoch, ...lines].join('\\n');
    const at = left + (step / steps) * (right - left);
    for (const [name, value] of Object.entries({ x1: at, x2: at, y1: ${plot.top}, y2: ${plot.bottom}, class: 'cursor' }))
      cursor.setAttribute(name, value);
    svg.append(cursor);
    svg.parentNode.append(tip);
    const half = 2 * x > width;
    tip.style.top = '44px';
    tip.style.left = half ? 'auto' : (at / width) * box.width + 26 + 'px';
    tip.style.right = half ? (1 - at / width) * box.width + 26 + 'px' : 'auto';
  });
  svg.addEventListener('pointerleave', () => [cursor, tip].forEach((part) => part.remove()));
}
`;
