/** What a process counts and times, for Prometheus to read. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { METRIC_LABELS, MetricName, METRICS } from "./names";

/** Seconds. Answers are measured against the documents' 50 and 100 ms. */
const REQUEST_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** Seconds. A clone from a warm pod is to take less than 65, one with a database of its own takes up to 20 minutes. */
const JOB_BUCKETS = [1, 5, 10, 20, 30, 45, 65, 90, 120, 180, 300, 600, 1200];

export class ServiceMetrics {
  readonly registry = new Registry();
  private readonly requests = this.counter(METRICS.httpRequests, "Requests answered");
  private readonly requestSeconds = this.histogram(METRICS.httpDuration, "Seconds to answer", REQUEST_BUCKETS);
  private readonly jobSeconds = this.histogram(
    METRICS.jobDuration,
    "Seconds from a job's request to its end",
    JOB_BUCKETS,
  );
  private readonly stepSeconds = this.histogram(METRICS.stepDuration, "Seconds of one step of a job", JOB_BUCKETS);
  private readonly requeued = this.counter(METRICS.sweeperRequeued, "Jobs that the queue had lost");
  private readonly deliveries = this.counter(METRICS.webhookDeliveries, "Attempts to deliver a webhook");

  request(labels: { readonly route: string; readonly method: string; readonly status: string }, seconds: number): void {
    this.requests.inc(labels);
    this.requestSeconds.observe(labels, seconds);
  }

  job(labels: { readonly type: string; readonly status: string }, seconds: number): void {
    this.jobSeconds.observe(labels, seconds);
  }

  step(labels: { readonly type: string; readonly step: string; readonly outcome: string }, seconds: number): void {
    this.stepSeconds.observe(labels, seconds);
  }

  requeue(jobs: number): void {
    this.requeued.inc(jobs);
  }

  delivery(outcome: string): void {
    this.deliveries.inc({ outcome });
  }

  /**
   * A gauge that is read when Prometheus asks. Where reading fails it has no value then, rather than an old one or zero.
   *
   * @param read values with their labels
   */
  gauge(name: MetricName, help: string, read: () => Promise<readonly Reading[]>): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: [...METRIC_LABELS[name]],
      registers: [this.registry],
      collect: async () => {
        const readings = await read().catch(() => []);
        gauge.reset();
        for (const { labels, value } of readings) gauge.set(labels, value);
      },
    });
  }

  private counter(name: MetricName, help: string): Counter {
    return new Counter({ name, help, labelNames: [...METRIC_LABELS[name]], registers: [this.registry] });
  }

  private histogram(name: MetricName, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, labelNames: [...METRIC_LABELS[name]], registers: [this.registry] });
  }
}

export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
