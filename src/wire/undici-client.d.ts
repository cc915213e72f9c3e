// undici has types for the whole of it only.
declare module 'undici/lib/dispatcher/client.js' {
  export { Client as default } from 'undici';
}
