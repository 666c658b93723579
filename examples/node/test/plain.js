// A worker that takes the file of its workerData in by the call that waits, and answers with the JSON.

import { parentPort, workerData } from 'node:worker_threads';
import koffi from 'koffi';
import { library } from '../library.js';

const tori = library();
const shared = koffi.load(tori.path);
const ingest = shared.func(
  'int32_t tori_ingest(const tori_engine *e, const tori_request *r, _Out_ tori_result **out, _Out_ tori_error **err)',
);
const json = shared.func('const char *tori_result_json(const tori_result *r, void *len)');
const request = tori.tori_request_new();
const result = [null];
const error = [null];
tori.tori_request_path(request, workerData.path);
for (const [key, value] of Object.entries(workerData.settings)) {
  tori.tori_request_set(request, key, Buffer.from(value), value.length, error);
}
const status = ingest(null, request, result, error);
parentPort.postMessage(status === 0 ? json(result[0], null) : tori.tori_error_json(error[0], null));
tori.tori_result_free(result[0]);
tori.tori_error_free(error[0]);
tori.tori_request_free(request);
