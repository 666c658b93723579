export type Settings = Record<string, string | number | boolean>;

export interface EngineOptions {
  /** Settings of the engine, "limits.pages" and the like; the project's README tells where the list is. */
  settings?: Settings;
  /** The shared library, or the folder that holds it; before TORI_LIB. */
  library?: string;
}

export interface Progress {
  stage:
    | 'init' | 'document' | 'structure' | 'concepts' | 'database' | 'analysis' | 'pruning' | 'finalize' | 'complete';
  /** 0 to 100; never lower than before, 100 only on success. */
  percent: number;
  /** Units of the stage finished: pages or chunks. */
  done: number;
  /** Units of the stage in all; 0 when it has none. */
  total: number;
}

export interface IngestOptions {
  /** Cancels the document; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Called with the latest step; steps that follow one another fast are one. What it throws cancels the document. */
  onProgress?: (progress: Progress) => void;
  /** Settings of this document in place of the engine's. */
  settings?: Settings;
}

export interface Concept {
  label: string;
  /** The form most used in the document: the label, or what the text calls a concept of the database. */
  form: string;
  /** Those that the document defines for it, if there are any: "SVM" in "support vector machine (SVM)". */
  acronyms?: string[];
  score: number;
  quality: number;
  category: string;
  source: 'statistical' | 'database' | 'both';
  /** Rounded by JSON.parse where it is above 2^53. */
  id: number;
  section: string;
  sections: string[];
  occurrences: number;
  first_page: number;
  /** Bytes of the UTF-8 text, start included, end not. */
  spans: [start: number, end: number][];
}

/** The JSON report, as the project's README describes it. */
export interface ReportFields {
  readonly version: number;
  readonly library: string;
  readonly status: 'ok';
  readonly document: {
    name: string;
    path?: string;
    kind: 'pdf' | 'markdown' | 'text' | 'html' | 'docx';
    bytes: number;
    sha256: string;
    pages: number;
    text_bytes: number;
    title: string | null;
    title_found: boolean;
    authors: string[];
    keywords: string[];
    abstract_found: boolean;
    metadata: Record<'title' | 'author' | 'subject' | 'keywords', string | null>;
    outline: { heading: string; kind: string; page: number; level: number }[];
  };
  readonly counts: Record<'sections' | 'chunks' | 'chunks_read' | 'mentions' | 'raw' | 'pure' | 'final', number> & {
    dropped: Record<string, number>;
  };
  readonly sections: Record<string, number>;
  readonly diversity: { entropy_bits: number };
  readonly database: { origin: string; concepts: number };
  readonly warnings: string[];
  readonly concepts: Concept[];
  readonly text?: string;
  readonly timings_ms?: Record<string, number>;
}

/** What was found in a document; parsed when the first field is read. */
export class Report implements ReportFields {
  private constructor();
  /** The report as the library wrote it, UTF-8: to be sent or stored without being parsed. */
  readonly json: Buffer;
  toJSON(): ReportFields;

  readonly version: ReportFields['version'];
  readonly library: ReportFields['library'];
  readonly status: ReportFields['status'];
  readonly document: ReportFields['document'];
  readonly counts: ReportFields['counts'];
  readonly sections: ReportFields['sections'];
  readonly diversity: ReportFields['diversity'];
  readonly database: ReportFields['database'];
  readonly warnings: ReportFields['warnings'];
  readonly concepts: ReportFields['concepts'];
  readonly text: ReportFields['text'];
  readonly timings_ms: ReportFields['timings_ms'];
}

/** What the library says went wrong. */
export class ToriError extends Error {
  /** The status's name, "TORI_E_LIMIT"; code is the same. */
  readonly name: string;
  readonly code: string;
  /** The status's number, -6. */
  readonly status: number;
  /** The facts of the message: path, page, offset, key, limit, found, allowed and others, where there are such. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Settings and a concept database, ready to take documents. */
export class Engine {
  /** Loads the library, once for each thread, and the concept database. */
  constructor(options?: EngineOptions);
  /** The number of documents in flight. */
  readonly pending: number;
  /**
   * Takes in a document: the path of a file, or its bytes, whole or in pieces. Bytes are copied, the first MiB before
   * this returns and the rest in later turns of the loop; they must not change until then, so best not at all.
   */
  ingest(source: string | URL | Uint8Array | Uint8Array[], options?: IngestOptions): Promise<Report>;
  /** Takes in a string of plain text or Markdown. */
  ingestText(text: string, options?: IngestOptions): Promise<Report>;
  /** Cancels what is in flight and frees the engine; its promises are rejected. */
  close(): void;
  [Symbol.dispose](): void;
}
