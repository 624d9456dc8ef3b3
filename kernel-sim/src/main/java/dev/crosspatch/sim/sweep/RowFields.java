package dev.crosspatch.sim.sweep;

import dev.crosspatch.sim.Json;
import dev.crosspatch.sim.scenario.FailureKind;
import dev.crosspatch.sim.sweep.Row.Cycles;
import dev.crosspatch.sim.sweep.Row.Found;
import dev.crosspatch.sim.verify.Failure;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A row as names with values, the same in every kind of file. What stands behind the first dot of a name is a field of
/// the object that stands before it.
final class RowFields {
  private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d{0,17})");

  private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

  private RowFields() {}

  /// Numbers, booleans, lists and texts by name; null where there is nothing.
  static Map<String, @Nullable Object> of(Row row) {
    RowFields to = new RowFields();
    to.fields.put("scenario", row.scenario());
    row.set().forEach((key, value) -> to.fields.put("set." + key, typed(value)));
    to.fields.put("seed", row.seed());
    to.fields.put("verdict", row.verdict().toLowerCase(Locale.ROOT));
    to.fields.put("expected", row.expect().verdict().name().toLowerCase(Locale.ROOT));
    to.fields.put("as_expected", row.asExpected());
    to.found(row.found());
    to.fields.put("error", row.error().isEmpty() ? null : row.error());
    to.fields.put("seconds", Math.round(row.seconds() * 1000) / 1000.0);
    to.fields.put("output", row.output().isEmpty() ? null : row.output());
    to.fields.put("repeat", row.repeat());
    return to.fields;
  }

  private void found(@Nullable Found found) {
    fields.put("pokes", found == null ? null : found.pokes());
    fields.put("stale_checked", found == null ? null : found.stale());
    fields.put("violations", found == null ? null : found.violations());
    cycles("flip", found == null ? null : found.flip());
    cycles("stolen_per_flip", found == null ? null : found.stolen());
    failure(found == null ? null : found.failure().orElse(null));
    fields.put("windows_missed", found == null ? null : found.missed());
  }

  private void cycles(String name, @Nullable Cycles cycles) {
    Cycles known = cycles == null || cycles.count() == 0 ? null : cycles;
    fields.put(name + ".count", cycles == null ? null : cycles.count());
    fields.put(name + ".p50_cycles", known == null ? null : known.p50());
    fields.put(name + ".p99_cycles", known == null ? null : known.p99());
    fields.put(name + ".max_cycles", known == null ? null : known.max());
  }

  private void failure(@Nullable Failure failure) {
    FailureKind kind = failure == null ? null : failure.kind();
    fields.put("first_failure.kind", kind == null ? null : kind.label());
    fields.put("first_failure.cpu", failure == null ? null : failure.cpu());
    fields.put("first_failure.cycle", failure == null ? null : failure.cycle());
    fields.put("first_failure.address", failure == null ? null : Json.address(failure.address()));
    fields.put("first_failure.symbol", failure == null ? null : failure.symbol());
    fields.put("first_failure.detail", failure == null ? null : failure.detail());
  }

  /// A value that was set, as the number or boolean that it is.
  private static Object typed(String value) {
    if (NUMBER.matcher(value).matches()) {
      return Long.parseLong(value);
    }
    return value.equals("true") || value.equals("false") ? Boolean.valueOf(value) : value;
  }
}
