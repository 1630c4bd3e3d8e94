/** Renders as many installations as TENANTS says, and keeps nothing: what bench tenants times. */
import { App } from "cdk8s";
import { LoomworksChart } from "../../constructs/loomworks/chart";
import { parseSettings } from "../../constructs/settings";
import { renderCharts } from "../../constructs/synth/render";

const app = new App();
const { loomworks } = parseSettings({});
for (let tenant = 0; tenant < Number(process.env.TENANTS); tenant++) {
  const name = `tenant-${tenant}`;
  new LoomworksChart(app, name, { ...loomworks, namespace: name, domain: `${name}.loomworks.app` });
}
renderCharts(app);
