// The addresses of driver and workers: all of them listen on this machine only.

export const HOST = '127.0.0.1';
export const LAST_PORT = 65_535;

export function urlOf(port: number): string {
  return `http://${HOST}:${port}`;
}
