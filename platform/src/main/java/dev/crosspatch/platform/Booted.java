package dev.crosspatch.platform;

import dev.crosspatch.core.machine.BootTables;
import dev.crosspatch.core.machine.TablePages;

/// What a boot leaves to whoever maps more.
///
/// @param tables page tables, as all cores have them
/// @param pages  gives out pages that nobody uses
public record Booted(BootTables tables, TablePages pages) {}
