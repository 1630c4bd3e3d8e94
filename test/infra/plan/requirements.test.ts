import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { main } from "../../../infra/plan/requirements/main";
import { levelsOf, TestResult } from "../../../infra/plan/requirements/results";
import { requirementsOf, TABLE } from "../../../infra/plan/requirements/table";
import { REPOSITORY } from "../../support/pulumi-project";

// The compiler reads no .cjs here.
const ResultsReporter = jest.requireActual<Reporter>("../../results-reporter.cjs");

type Reporter = new (options: { rootDir: string }) => {
  onTestResult(test: { path: string }, result: { testResults: unknown[]; testExecError?: Error }): void;
};

const SMALL = `# Requirements

| level | what it means |
| -- | -- |
| api | an API server |

## The house

| id | requirement | held to | reached | by |
| -- | -- | -- | -- | -- |
| HOUSE-01 | It has a door | api, process |  |  |
| HOUSE-02 | It has a plan | plan | plan | [old](gone.test.ts) |
`;

const DOOR = "The door [HOUSE-01] opens";
const ON_CLUSTER = "test/door.cluster.test.ts";
const AS_PROCESS = "test/door.process.test.ts";

describe("npm run requirements", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "loomworks-requirements-"));
    write(TABLE, SMALL);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  /** What jest would have told its reporter. */
  function ran(suite: string, tests: Record<string, string>): void {
    write(suite, "");
    const testResults = Object.entries(tests).map(([fullName, status]) => ({ fullName, status }));
    new ResultsReporter({ rootDir: root }).onTestResult({ path: join(root, suite) }, { testResults });
  }

  function run(...args: string[]): { code: number; said: string } {
    let said = "";
    const write = (text: string | Uint8Array): boolean => ((said += String(text)), true);
    return { code: main(args, { write }, root), said };
  }

  it("finds nothing proven where no test has run", () => {
    const { code, said } = run();
    expect(code).toBe(1);
    expect(said).toContain("HOUSE-01  not seen at the level api, process; 0 passed");
    expect(said).toContain("0 of 2 requirements are proven.");
  });

  it("asks for each level of a row, and takes a weaker test for none of them", () => {
    ran("test/infra/house.test.ts", { "[HOUSE-02] is drawn": "passed", [DOOR]: "passed" });
    ran(ON_CLUSTER, { [DOOR]: "passed" });
    expect(run().said).toContain("HOUSE-01  not seen at the level process; 2 passed");
    ran(AS_PROCESS, { [DOOR]: "passed" });
    expect(run()).toEqual({ code: 0, said: "2 of 2 requirements are proven.\n" });
  });

  it("shows a failed test in red, though others of its level passed", () => {
    ran("test/infra/house.test.ts", { "[HOUSE-02] is drawn": "passed", "[HOUSE-02] is right": "failed" });
    const { code, said } = run();
    expect(code).toBe(1);
    expect(said).toContain("HOUSE-02  not seen at the level plan; failed: [HOUSE-02] is right; 1 passed");
  });

  it("takes what was skipped for no proof, and a run of other tests for no news", () => {
    ran(ON_CLUSTER, { [DOOR]: "passed" });
    ran(ON_CLUSTER, { [DOOR]: "pending" });
    expect(run().said).toContain("HOUSE-01  not seen at the level process; 1 passed");
    ran(AS_PROCESS, { [DOOR]: "pending", "another test": "passed" });
    expect(run().said).toContain("HOUSE-01  not seen at the level process; 1 skipped; 1 passed");
  });

  it("forgets suites that are gone", () => {
    ran(AS_PROCESS, { [DOOR]: "passed" });
    rmSync(join(root, AS_PROCESS));
    expect(run().said).toContain("HOUSE-01  not seen at the level api, process; 0 passed");
  });

  it("counts a suite that can't be loaded as failed", () => {
    write(AS_PROCESS, "");
    const reporter = new ResultsReporter({ rootDir: root });
    reporter.onTestResult({ path: join(root, AS_PROCESS) }, { testResults: [], testExecError: new Error("no") });
    const [result] = JSON.parse(
      readFileSync(join(root, "report", "tests", `${AS_PROCESS}.json`), "utf8"),
    ) as TestResult[];
    expect(result).toEqual({ title: AS_PROCESS, outcome: "failed" });
  });

  it("finds ids that no row has", () => {
    ran(AS_PROCESS, { "[HOUSE-07] burns": "passed" });
    expect(run().said).toContain("HOUSE-07  tests name it");
  });

  it("writes what was reached, and nothing else, where it is asked to", () => {
    ran(ON_CLUSTER, { [DOOR]: "passed" });
    ran("test/infra/house.test.ts", { "[HOUSE-02] is drawn": "passed" });
    run();
    expect(readFileSync(join(root, TABLE), "utf8")).toBe(SMALL);
    run("--write");
    expect(readFileSync(join(root, TABLE), "utf8")).toBe(
      SMALL.replace(/\| api, process \|.*/, `| api, process | api | [door](../${ON_CLUSTER}) |`).replace(
        /\| plan \| plan \|.*/,
        "| plan | plan | [house](../test/infra/house.test.ts) |",
      ),
    );
  });

  it("refuses what it doesn't know", () => {
    expect(() => run("--all")).toThrow("There is no --all.\nUsage: npm run requirements");
  });

  it("names every row that can't be read, with its line", () => {
    const broken = SMALL.replace("HOUSE-02", "HOUSE-01").replace("api, process", "api, dream");
    expect(() => requirementsOf(broken)).toThrow(
      /REQUIREMENT_ROW .*:11: got .* "dream" is no level.*\n.*:12: .*another/s,
    );
  });
});

describe("docs/requirements.md", () => {
  const rows = requirementsOf(readFileSync(join(REPOSITORY, TABLE), "utf8"));
  const suites = readdirSync(join(REPOSITORY, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `test/${name}`)
    .filter((suite) => suite !== "test/infra/plan/requirements.test.ts")
    .map((suite) => ({ suite, text: readFileSync(join(REPOSITORY, suite), "utf8") }));

  it.each(rows.map(({ id, heldTo }) => [id, heldTo.join(", "), heldTo] as const))(
    "%s has tests at %s",
    (id, _, heldTo) => {
      const naming = suites.filter(({ text }) => text.includes(`[${id}]`));
      const levels = naming.flatMap(({ suite }) => levelsOf(suite));
      expect(heldTo.filter((level) => !levels.includes(level))).toEqual([]);
    },
  );

  it("knows every id that a test names", () => {
    const named = suites.flatMap(({ text }) => [...text.matchAll(/\[([A-Z]+-\d\d)\]/g)].map(([, id]) => id!));
    const known = rows.map(({ id }) => id);
    expect([...new Set(named)].filter((id) => !known.includes(id))).toEqual([]);
  });

  it("names suites that are there, and name the row in turn", () => {
    const lines = readFileSync(join(REPOSITORY, TABLE), "utf8").split("\n");
    for (const line of lines.filter((each) => each.includes("](../test/"))) {
      const [, id = ""] = /^\| (\S+) \|/.exec(line) ?? [];
      const [, first = ""] = /\]\(\.\.\/(test\/[^)]+)\)/.exec(line) ?? [];
      expect(suites.find(({ suite }) => suite === first)?.text ?? "").toContain(`[${id}]`);
    }
  });
});
