/** The console's pure functions. They are modules of a browser, so they come without types. */
const time = jest.requireActual("../../../clones/console/time.js");
const events = jest.requireActual("../../../clones/console/events.js");
const words = jest.requireActual("../../../clones/console/words.js");

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("times", () => {
  it.each([
    [0, "ended"],
    [-5 * MINUTE, "ended"],
    [1, "1 s"],
    [59 * SECOND, "59 s"],
    [59 * SECOND + 499, "59 s"],
    [59 * SECOND + 500, "1 min 00 s"],
    [4 * MINUTE + 9 * SECOND, "4 min 09 s"],
    [HOUR - 1, "1 h 00 min"],
    [HOUR + 5 * MINUTE + 59 * SECOND, "1 h 05 min"],
    [2 * DAY + 3 * HOUR, "2 d 3 h"],
  ])("[CLONE-10] count %d ms down as %s", (left, told) => expect(time.countdown(7 + left, 7)).toBe(told));

  it.each([
    [0, "over"],
    [1, "soon"],
    [5 * MINUTE, "soon"],
    [5 * MINUTE + 1, "later"],
  ])("call an end in %d ms %s", (left, near) => expect(time.nearness(left, 0)).toBe(near));

  it.each([
    [-3 * SECOND, "just now"],
    [9 * SECOND, "just now"],
    [59 * SECOND, "59 s ago"],
    [3 * MINUTE, "3 min ago"],
    [26 * HOUR, "1 d ago"],
  ])("say what was %d ms before as %s", (past, told) => expect(time.ago(0, past)).toBe(told));

  it("are the service's: its Date belongs to the middle between question and answer", () => {
    const date = "Sat, 21 Nov 2026 12:00:00 GMT";
    const sent = Date.parse(date) - 90 * SECOND;
    expect(time.offsetOf(date, sent, sent + 200)).toBe(90 * SECOND + 500 - 100);
    expect(time.offsetOf(null, 0, 0)).toBeUndefined();
    expect(time.offsetOf("soon", 0, 0)).toBeUndefined();
  });

  it.each([
    [1, "1 minute"],
    [90, "1 hour 30 minutes"],
    [10_080, "7 days"],
    [0, "0 minutes"],
  ])("tell %d minutes as %s", (minutes, told) => expect(time.duration(minutes)).toBe(told));

  it("are exact where they are asked for, with their zone", () => {
    expect(time.absolute(new Date("2026-11-21T15:33:53Z"), "UTC")).toBe("21 Nov 2026, 15:33:53 UTC");
    expect(time.clockTime(new Date("2026-11-21T05:03:09Z"), "UTC")).toBe("05:03:09");
  });
});

const at = (second: number) => `2026-11-21T15:00:${String(second).padStart(2, "0")}.000Z`;
const step = (id: number, more: object = {}) => ({
  id,
  status: "running",
  progress: id,
  message: `m${id}`,
  at: at(id),
  ...more,
});
const job = (more: object) => ({ job_id: "job-1", status: "running", progress: 5, updated_at: at(5), ...more });

describe("a job's events", () => {
  const text = [
    "retry: 3000\n\n",
    'id: 1\nevent: progress\ndata: {"status":"pending","progress":0,"status_message":null,"at":"t1"}\n\n',
    ": alive\n\n",
    'id: 2\nevent: end\ndata: {"status":"completed","progress":100,"status_message":"Ä","at":"t2"}\n\n',
  ].join("");
  const told = [
    { id: 1, status: "pending", progress: 0, message: null, at: "t1" },
    { id: 2, status: "completed", progress: 100, message: "Ä", at: "t2" },
  ];

  it("[CLONE-02] are read wherever the stream is cut", () => {
    for (let size = 1; size <= text.length; size += 1) {
      const reader = new events.EventReader();
      const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
      const read = pieces.flatMap((piece) => reader.read(piece));
      expect(read.map(({ type }) => type)).toEqual(["progress", "end"]);
      expect(read.map(events.stepOf)).toEqual(told);
    }
  });

  it("are read with the line ends of any system, and without what a cut left unfinished", () => {
    const reader = new events.EventReader();
    expect(reader.read(`${text.replaceAll("\n", "\r\n")}id: 3\ndata: {`)).toHaveLength(2);
  });

  it("[CLONE-02] are each in the log once and in order, however often they are told", () => {
    const merged = events.mergeSteps([step(1), step(3)], [step(2), step(3), step(4)]);
    expect(merged.map(({ id }: any) => id)).toEqual([1, 2, 3, 4]);
  });

  it("are one line of the log as long as they say the same", () => {
    const same = { message: "Copying" };
    const lines = events.linesOf([
      step(1, { status: "pending", message: null }),
      step(2, { message: null }),
      step(3, same),
      step(4, { ...same, progress: 40 }),
      step(5, { message: "Opening" }),
    ]);
    expect(lines.map(({ text: line, progress }: any) => [line, progress])).toEqual([
      ["Waiting for a worker", 1],
      ["Started", 2],
      ["Copying", 40],
      ["Opening", 5],
    ]);
  });

  it("move a job forward alone: an old event is no news, and what is over stays so", () => {
    expect(events.withStep(job({}), step(7))).toMatchObject({ progress: 7, status_message: "m7", updated_at: at(7) });
    expect(events.withStep(job({}), step(4))).toMatchObject({ progress: 5 });
    const over = job({ status: "failed" });
    expect(events.withStep(over, step(7))).toBe(over);
  });

  it("and answers are believed by their time, but for the end, which is the end", () => {
    const known = job({ progress: 50, updated_at: at(9) });
    const older = job({ progress: 20 });
    const ended = job({ status: "completed", updated_at: at(3) });
    expect(events.newer(undefined, older)).toBe(older);
    expect(events.newer(known, older)).toBe(known);
    expect(events.newer(known, ended)).toBe(ended);
    expect(events.newer(ended, known)).toBe(ended);
  });

  it("are asked for again ever more slowly, and not by all pages at once", () => {
    expect([1, 2, 3, 9].map((failures) => events.backoff(failures, 0.5))).toEqual([1000, 2000, 4000, 30_000]);
    expect([events.backoff(1, 0), events.backoff(1, 1)]).toEqual([750, 1250]);
  });
});

describe("words", () => {
  it.each([
    [{ status: "running" }, "Running"],
    [{ status: "running", cancel_requested: true }, "Stopping"],
    [{ status: "cancelled", cancel_requested: true }, "Cancelled"],
    [{ status: "paused" }, "paused"],
  ])("call %p %s", (given, word) => expect(words.jobState(given).word).toBe(word));

  it("[CLONE-02] call a clone ready only when its copy is done, and ending as soon as its deletion is asked for", () => {
    const clones = ["a", "b", "c"].map((id) => ({ clone_id: id, job_id: `job-${id}`, status: "ready" }));
    const underWay = [
      { type: "clone", job_id: "job-a", clone_id: "a" },
      { type: "delete", job_id: "job-d", clone_id: "b" },
      { type: "restore", job_id: "job-r", clone_id: "c" },
    ];
    expect(words.withJobs(clones, underWay).map(({ status }: any) => status)).toEqual(["creating", "ending", "ready"]);
  });

  it("tell a preview from a restore", () => {
    expect(words.jobKind({ type: "restore", result: null })).toBe("Restore");
    expect(words.jobKind({ type: "restore", result: null }, true)).toBe("Preview of a restore");
    expect(words.jobKind({ type: "restore", result: { dry_run: true } })).toBe("Preview of a restore");
  });

  it("[CLONE-07] list what a preview found in one order, with what a newer service may add", () => {
    const found = words.changesOf({ changes: { themes: 2, menus: 1, content: 3 } });
    expect(found.map(({ label, count }: any) => `${label} ${count}`)).toEqual(["Content 3", "Themes 2", "menus 1"]);
    expect(words.changesOf(null)).toEqual([]);
  });

  it("[CLONE-07] leave users out of a restore unless somebody asks for them", () => {
    expect(words.SCOPES.filter(({ isRisky }: any) => isRisky).map(({ name }: any) => name)).toEqual(["users"]);
  });

  it("read as sentences", () => {
    expect([words.listed([]), words.listed(["a"]), words.listed(["a", "b", "c"])]).toEqual(["", "a", "a, b and c"]);
    expect([words.counted(1, "change"), words.counted(2, "change")]).toEqual(["1 change", "2 changes"]);
  });
});
