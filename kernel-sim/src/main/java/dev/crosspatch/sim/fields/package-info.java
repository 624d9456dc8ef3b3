/// Texts of keys and values, YAML and JSON, read key by key: every mistake is a line that says file, line and key.
@NullMarked
package dev.crosspatch.sim.fields;

import org.jspecify.annotations.NullMarked;
