// What Prometheus hears of the process, under the names that dashboards for Java servers look for. Java: DefaultExports of
// the Prometheus client.
//
// There is no JVM: its heap is V8's, "nonheap" is what objects keep outside of it (the tree's data above all), its memory
// pools are V8's spaces. Threads and classes have nothing that would answer to them, and are left out.

import type { Family, Labels, Sample } from "../metrics/exposition.js";
import type { Platform } from "../platform/platform.js";

type Values = readonly (readonly [labels: Labels, value: number, suffix?: string])[];

export function* processFamilies({ host }: Platform): Generator<Family> {
  const use = host.processUse();
  const { heap, heapSpaces, externalBytes, bufferBytes } = use;
  const one = (value: number): Values => [[[], value]];
  const spaces = (pick: (space: (typeof heapSpaces)[number]) => number): Values =>
    heapSpaces.map((space) => [[["pool", space.name]], pick(space)]);

  yield family("process_cpu_seconds_total", "counter", CPU, one(use.cpuSeconds));
  yield family("process_start_time_seconds", "gauge", STARTED, one(use.startedMs / 1000));
  yield* optional(
    "process_open_fds",
    "Number of open file descriptors.",
    host.openFileDescriptors(),
  );
  yield* optional(
    "process_max_fds",
    "Maximum number of open file descriptors.",
    host.maxFileDescriptors(),
  );
  yield* optional(
    "process_virtual_memory_bytes",
    "Virtual memory size in bytes.",
    use.virtualBytes,
  );
  yield family("process_resident_memory_bytes", "gauge", RESIDENT, one(use.residentBytes));
  const info: Labels = [
    ["version", host.runtimeVersion],
    ["vendor", host.runtimeName],
    ["runtime", host.runtimeName],
  ];
  yield family("jvm_info", "gauge", "JVM version info", [[info, 1]]);
  yield family("jvm_memory_bytes_used", "gauge", memoryHelp("Used"), [
    [HEAP, heap.usedBytes],
    [NONHEAP, externalBytes],
  ]);
  yield family("jvm_memory_bytes_committed", "gauge", memoryHelp("Committed"), [
    [HEAP, heap.committedBytes],
    [NONHEAP, externalBytes],
  ]);
  yield family("jvm_memory_bytes_max", "gauge", memoryHelp("Max"), [
    [HEAP, heap.maxBytes],
    // Java says so where there is no limit.
    [NONHEAP, -1],
  ]);
  const used = spaces((space) => space.usedBytes);
  yield family("jvm_memory_pool_bytes_used", "gauge", poolHelp("Used"), used);
  const committed = spaces((space) => space.committedBytes);
  yield family("jvm_memory_pool_bytes_committed", "gauge", poolHelp("Committed"), committed);
  const buffers: Values = [[[["pool", "direct"]], bufferBytes]];
  yield family(
    "jvm_buffer_pool_used_bytes",
    "gauge",
    "Used bytes of a given JVM buffer pool.",
    buffers,
  );
  yield family("jvm_buffer_pool_capacity_bytes", "gauge", CAPACITY, buffers);
  const collections: Values = use.collections.flatMap(({ name, count, seconds }) => [
    [[["gc", name]], count, "_count"] as const,
    [[["gc", name]], seconds, "_sum"] as const,
  ]);
  yield family("jvm_gc_collection_seconds", "summary", COLLECTION, collections);
}

const HEAP: Labels = [["area", "heap"]];
const NONHEAP: Labels = [["area", "nonheap"]];
const CPU = "Total user and system CPU time spent in seconds.";
const STARTED = "Start time of the process since unix epoch in seconds.";
const RESIDENT = "Resident memory size in bytes.";
const CAPACITY = "Bytes capacity of a given JVM buffer pool.";
const COLLECTION = "Time spent in a given JVM garbage collector in seconds.";
const memoryHelp = (what: string) => `${what} (bytes) of a given JVM memory area.`;
const poolHelp = (what: string) => `${what} bytes of a given JVM memory pool.`;

function family(name: string, type: Family["type"], help: string, values: Values): Family {
  const samples = values.map(([labels, value, suffix = ""]): Sample => ({ suffix, labels, value }));
  return { name, type, help, samples };
}

function* optional(name: string, help: string, value: number | undefined): Generator<Family> {
  if (value !== undefined) yield family(name, "gauge", help, [[[], value]]);
}
