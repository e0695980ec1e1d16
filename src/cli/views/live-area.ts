import { createLogUpdate } from 'log-update';
import type { Output, Shell } from '../shell.ts';

/** Lines at the bottom of a terminal that are drawn again and again, with ordinary output scrolling above them. */
export interface LiveArea {
  print(text: string): void;
  refresh(): void;
  close(): void;
}

const REFRESH_MS = 250;

/** Draws `content` where the output is a terminal; elsewhere only what is printed. */
export function liveArea(output: Output, env: Shell['env'], content: () => string): LiveArea {
  if (output.isTTY !== true || env['TERM'] === 'dumb' || env['CI'] !== undefined) {
    return { print: (text) => output.write(text), refresh: () => undefined, close: () => undefined };
  }
  const draw = createLogUpdate(output as unknown as NodeJS.WritableStream, { showCursor: true });
  let last = 0;
  let closed = false;
  const redraw = () => {
    last = performance.now();
    draw(content());
  };
  const timer = setInterval(redraw, REFRESH_MS);
  timer.unref();
  return {
    print: (text) => {
      if (closed) return void output.write(text);
      draw.clear();
      output.write(text);
      redraw();
    },
    refresh: () => {
      if (!closed && performance.now() - last > REFRESH_MS) redraw();
    },
    close: () => {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      draw.clear();
      draw.done();
    },
  };
}
