/** Where the client keeps what must outlive the page: the session and the outbox. */

/** @import {Locks, Storage} from './types.js' */

/** @implements {Storage} */
export class MemoryStorage {
  /** @type {Map<string, any>} */
  #values = new Map();

  async get(/** @type {string} */ key) {
    return structuredClone(this.#values.get(key));
  }

  async set(/** @type {string} */ key, /** @type {any} */ value) {
    this.#values.set(key, structuredClone(value));
  }

  async delete(/** @type {string} */ key) {
    this.#values.delete(key);
  }

  /**
   * @param {string} prefix
   * @returns {Promise<[string, any][]>}
   */
  async entries(prefix) {
    return [...this.#values]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, structuredClone(value)]);
  }
}

/** @implements {Storage} */
export class IndexedDbStorage {
  /** @type {Promise<IDBDatabase>} */
  #database;

  /** @param {string} name */
  constructor(name) {
    this.#database = new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('values');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  /**
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(values: IDBObjectStore) => IDBRequest<T>} run
   * @returns {Promise<T>}
   */
  async #run(mode, run) {
    const database = await this.#database;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction('values', mode);
      const request = run(transaction.objectStore('values'));
      // A request may succeed and its transaction still abort; only the latter means "kept".
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  get(/** @type {string} */ key) {
    return this.#run('readonly', (values) => values.get(key));
  }

  async set(/** @type {string} */ key, /** @type {any} */ value) {
    await this.#run('readwrite', (values) => values.put(value, key));
  }

  async delete(/** @type {string} */ key) {
    await this.#run('readwrite', (values) => values.delete(key));
  }

  /**
   * @param {string} prefix
   * @returns {Promise<[string, any][]>}
   */
  async entries(prefix) {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    const [keys, values] = await Promise.all([
      this.#run('readonly', (store) => store.getAllKeys(range)),
      this.#run('readonly', (store) => store.getAll(range)),
    ]);
    return keys.map((key, index) => [String(key), values[index]]);
  }
}

/** Private windows of some browsers have the interface and refuse the use: then memory must do. */
class CautiousStorage {
  /** @type {Promise<Storage>} */
  #chosen;

  constructor() {
    const durable = new IndexedDbStorage('banter');
    this.#chosen = durable.get('probe').then(() => durable, () => new MemoryStorage());
  }

  async get(/** @type {string} */ key) {
    return (await this.#chosen).get(key);
  }

  async set(/** @type {string} */ key, /** @type {any} */ value) {
    return (await this.#chosen).set(key, value);
  }

  async delete(/** @type {string} */ key) {
    return (await this.#chosen).delete(key);
  }

  async entries(/** @type {string} */ prefix) {
    return (await this.#chosen).entries(prefix);
  }
}

/** @returns {Storage} */
export function defaultStorage() {
  return typeof indexedDB === 'undefined' ? new MemoryStorage() : new CautiousStorage();
}

/** @type {Map<string, Promise<unknown>>} */
const queues = new Map();

/** Serves one process; for Node, and for pages outside a secure context. @type {Locks} */
export const processLocks = {
  async request(name, run) {
    const turn = (queues.get(name) ?? Promise.resolve()).then(run, run);
    const settled = turn.then(() => {}, () => {});
    queues.set(name, settled);
    settled.then(() => queues.get(name) === settled && queues.delete(name));
    return turn;
  },
  held: async () => new Set(queues.keys()),
};

/** @returns {Locks} */
export function defaultLocks() {
  const locks = globalThis.navigator?.locks;
  if (!locks) return processLocks;
  return {
    request: async (name, run) => await locks.request(name, run),
    held: async () => new Set(((await locks.query()).held ?? []).map((lock) => lock.name ?? '')),
  };
}
