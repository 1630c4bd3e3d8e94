import { costSection } from "../../../../../infra/plan/report/html/cost";
import { reportOf } from "../../../../../infra/plan/report/model";
import type { PlannedResource } from "../../../../../infra/plan/model";
import { inputOf, planOf } from "../fixtures/input";

const provider = (region: string) => ({ type: "pulumi:providers:aws", name: "aws", inputs: { region } });
const gateway = { type: "aws:ec2/natGateway:NatGateway", name: "way <out>", custom: true, inputs: {} };

const textOf = (...resources: Partial<PlannedResource>[]) => {
  const { stacks } = reportOf([inputOf("staging", { files: [], plan: planOf("staging", resources) })]);
  return costSection(stacks[0]!)
    .text.replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
};

describe("The cost of a stack in the report", () => {
  it("[PLAT-12] has sum, lines, formula, source and the documents' figures", () => {
    const text = textOf(provider("eu-central-1"), gateway);
    expect(text).toContain("$43.16 a month before tax, by list prices of eu-central-1");
    expect(text).toContain("NAT gateways platform $37.96 1 × $0.052/hour × 730 h AmazonEC2, 1");
    expect(text).toContain("assumed: 100 GB a month");
    expect(text).toContain("~$74–124");
    expect(text).toMatch(/Sources of the prices.*20\d\d-\d\d-\d\d, quoted/);
  });

  it("[PLAT-12] says in the place of a sum why there is none", () => {
    expect(textOf(provider("eu-west-1"), gateway)).toContain("Not known. COST_REGION aws.region");
  });

  it("[PLAT-12] says that nothing is made in AWS where that is so", () => {
    expect(textOf()).toContain("Nothing is made in AWS");
  });
});
