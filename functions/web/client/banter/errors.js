/** One error for every refusal and failure, whichever way the request went. */

/** @import {ErrorBody} from './types.js' */

/** Codes the server never sends: the request did not reach it, or its answer did not reach us. */
const LOCAL = new Set(['network', 'timeout']);
const PASSING = new Set(['internal', 'unavailable', 'rate_limited']);

export class BanterError extends Error {
  /**
   * @param {string} code A code of the protocol, or `network`, `timeout`, `signed_out`, `aborted`.
   * @param {string} message
   * @param {Partial<ErrorBody> & {status?: number}} [body]
   */
  constructor(code, message, body = {}) {
    super(message);
    this.name = 'BanterError';
    this.code = code;
    this.status = body.status ?? 0;
    this.retryAfterMs = body.retry_after_ms ?? 0;
    this.requestId = body.request_id ?? null;
    this.errors = body.errors ?? [];
    this.retryable = LOCAL.has(code) || PASSING.has(code) || body.retryable === true;
  }

  /**
   * @param {number} status
   * @param {any} body Whatever the answer held; API Gateway's own answers have no `code`.
   */
  static fromAnswer(status, body) {
    const fallback =
      status === 401 ? 'unauthenticated'
      : status === 403 ? 'forbidden'
      : status === 404 ? 'not_found'
      : status === 413 ? 'message_too_large'
      : status === 429 ? 'rate_limited'
      : status === 503 || status === 504 ? 'unavailable'
      : status >= 500 ? 'internal'
      : 'invalid_request';
    const known = body && typeof body === 'object' ? body : {};
    const text = known.detail ?? known.message ?? known.title ?? `status ${status}`;
    return new BanterError(known.code ?? fallback, String(text), { ...known, status });
  }
}

/**
 * @param {unknown} error
 * @returns {BanterError}
 */
export function toBanterError(error) {
  if (error instanceof BanterError) return error;
  return new BanterError('network', error instanceof Error ? error.message : String(error));
}
