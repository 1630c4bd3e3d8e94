/** Prometheus' own checker, asked which alerts figures would raise. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

/** Series by name, with their values minute by minute in Prometheus' notation. */
export type Series = Readonly<Record<string, string>>;

/** Of an alert. */
export type Labels = Readonly<Record<string, string>>;

const RULES = "rules.yaml";

/** What is missing and how to get it, or nothing: for `describeWith`. */
export function missingPromtool(): string | undefined {
  if (spawnSync("promtool", ["--version"]).status === 0) return undefined;
  return "promtool is not on PATH (Debian's package prometheus has it)";
}

/** Alerts under test. {@link remove} takes its files away. */
export class AlertTester {
  private readonly folder = mkdtempSync(join(tmpdir(), "loomworks-alerts-"));

  /** @param groups as in a PrometheusRule */
  constructor(groups: readonly object[]) {
    writeFileSync(join(this.folder, RULES), stringify({ groups }));
  }

  /** What promtool has against it: nothing, if the alert of that name fires, or rests, after so many minutes. */
  objections(name: string, series: Series, fires: boolean, minutes = 60): string {
    // Labels and annotations are not what is asked here: an alert is one of Prometheus' own series.
    const expected = {
      expr: `min(ALERTS{alertname="${name}", alertstate="firing"})`,
      eval_time: `${minutes}m`,
      exp_samples: fires ? [{ labels: "{}", value: 1 }] : [],
    };
    return this.run(series, [expected]);
  }

  /**
   * What promtool has against it: nothing, if these alerts and no others have fired at any time until then.
   *
   * @param expected labels that must be on an alert, by its name; others may be there too
   */
  objectionsToAll(expected: Readonly<Record<string, Labels>>, series: Series, minutes: number): string {
    const fired = (which = "") => `max_over_time(ALERTS{alertstate="firing"${which}}[${minutes + 1}m])`;
    const named = Object.keys(expected).map((alertname) => ({ labels: labelText({ alertname }), value: 1 }));
    const labelled = Object.entries(expected).map(([alertname, labels]) => ({
      expr: `max by (${["alertname", ...Object.keys(labels)].join(", ")}) (${fired(`, alertname="${alertname}"`)})`,
      eval_time: `${minutes}m`,
      exp_samples: [{ labels: labelText({ alertname, ...labels }), value: 1 }],
    }));
    const all = { expr: `max by (alertname) (${fired()})`, eval_time: `${minutes}m`, exp_samples: named };
    return this.run(series, [all, ...labelled]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private run(series: Series, expressions: readonly object[]): string {
    const input = Object.entries(series).map(([key, values]) => ({ series: key, values }));
    const tests = [{ interval: "1m", input_series: input, promql_expr_test: expressions }];
    // JSON is YAML too, and hours of figures are written at once.
    const text = JSON.stringify({ rule_files: [RULES], evaluation_interval: "1m", tests });
    writeFileSync(join(this.folder, "tests.yaml"), text);
    const options = { cwd: this.folder, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", "tests.yaml"], options);
    return status === 0 ? "" : `${stdout}${stderr}`;
  }
}

function labelText(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")}}`;
}
