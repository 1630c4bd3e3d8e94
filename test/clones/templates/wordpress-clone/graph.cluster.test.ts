import { clone, describeWithClones, graphManifests, readyClone } from "../../../support/clone-cluster";

describeWithClones("[KRO-01] the graph of WordPressClone", {}, (cluster) => {
  it("is accepted by KRO", async () => {
    const [graph] = graphManifests();
    expect((await cluster().client.get(graph!)).status.state).toBe("Active");
  });
  it("makes a clone", async () => {
    const made = await readyClone(cluster().client, clone("clone-20260101-000001"));
    expect(made.status.cloneUrl).toBe("https://acme.clones.betaweb.ai");
  });
});
