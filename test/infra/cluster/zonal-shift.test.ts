import * as aws from "@pulumi/aws";
import * as eks from "@pulumi/eks";
import * as pulumi from "@pulumi/pulumi";
import { credentials } from "@grpc/grpc-js";
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { Callback, CallbackInvokeRequest } from "@pulumi/pulumi/proto/callback_pb";
import { TransformRequest, TransformResponse } from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { parseSettings } from "../../../constructs/settings";
import { Cluster } from "../../../infra/cluster/cluster";
import { withZonalShift } from "../../../infra/cluster/zonal-shift";
import { PlanMonitor } from "../../../infra/plan/monitor";
import { planned } from "../../support/planned";

const CLUSTER = "aws:eks/cluster:Cluster";
const SHIFT = { zonalShiftConfig: { enabled: true } };

const args = (type: string, opts: pulumi.CustomResourceOptions = {}): pulumi.ResourceTransformArgs => ({
  type,
  custom: true,
  name: "any",
  props: { name: "loomworks-staging", version: "1.35" },
  opts,
});

/** What the program answers when Pulumi's engine asks `callback` about a resource that the component makes. */
async function answerOf(callback: Callback, type: string): Promise<object> {
  const asked = new TransformRequest();
  asked.setType(type);
  asked.setCustom(true);
  asked.setProperties(Struct.fromJavaScript({ name: "loomworks-staging" }));
  const request = new CallbackInvokeRequest();
  request.setToken(callback.getToken());
  request.setRequest(asked.serializeBinary());
  const client = new CallbacksClient(callback.getTarget(), credentials.createInsecure());
  const answer = await new Promise<Uint8Array>((resolve, reject) => {
    client.invoke(request, (error, response) =>
      error === null ? resolve(response.getResponse_asU8()) : reject(error),
    );
  });
  client.close();
  return TransformResponse.deserializeBinary(answer).getProperties()!.toJavaScript();
}

/** The same, of all that the program registers with `eks.Cluster`, while it runs. */
async function answersOfProgram(types: readonly string[]): Promise<object[]> {
  let answers: object[] = [];
  const registerResource = Reflect.get(PlanMonitor.prototype, "registerResource");
  const spy = jest.spyOn(PlanMonitor.prototype, "registerResource").mockImplementation(function (
    this: PlanMonitor,
    request: any,
    answer,
  ) {
    const isCluster = request.getType() === "eks:index:Cluster";
    const [callback] = request.getTransformsList();
    const asked = isCluster ? Promise.all(types.map((type) => answerOf(callback, type))) : Promise.resolve(answers);
    void asked.then((given) => {
      answers = given;
      registerResource.call(this, request, answer);
    }, answer);
  });
  await planned(() => {
    const providers = [new aws.Provider("aws", {}), new eks.Provider("eks")];
    const { cluster: settings } = parseSettings({}).aws;
    const where = { partition: "aws", account: "111122223333", region: "eu-central-1", vpcId: "vpc", subnetIds: ["a"] };
    new Cluster("cluster", { ...where, name: "loomworks-staging", keyArn: "key", settings }, { providers });
  });
  spy.mockRestore();
  return answers;
}

describe("[PLAT-01] The cluster's zonal shift", () => {
  it("is added to the cluster within EKS' component, to whatever else the component says of it", () => {
    const opts = { ignoreChanges: ["bootstrapSelfManagedAddons"] };
    const asked = args(CLUSTER, opts);
    expect(withZonalShift(asked)).toEqual({ props: { ...asked.props, ...SHIFT }, opts });
  });

  it("is added to nothing else that the component makes", () => {
    for (const type of ["eks:index:Cluster", "aws:eks/addon:Addon", "aws:eks/accessEntry:AccessEntry"])
      expect(withZonalShift(args(type))).toBeUndefined();
  });

  it("is what the program answers to Pulumi's engine, over its own protocol", async () => {
    const name = "loomworks-staging";
    const answers = await answersOfProgram([CLUSTER, "aws:iam/role:Role"]);
    expect(answers).toEqual([{ name, ...SHIFT }, { name }]);
  });
});
