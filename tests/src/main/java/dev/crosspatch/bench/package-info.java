/// Benchmarks: host speed with JMH, patch latency in guest cycles. `./bench` runs them.
@NullMarked
package dev.crosspatch.bench;

import org.jspecify.annotations.NullMarked;
