/// Tests across modules: architecture, oracles, whole scenarios.
@NullMarked
package dev.crosspatch.tests;

import org.jspecify.annotations.NullMarked;
