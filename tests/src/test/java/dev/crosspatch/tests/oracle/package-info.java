/// Comparison with strangers: decoders, emulators and assemblers that are not ours. Where one is missing its tests are
/// skipped, visibly.
@NullMarked
package dev.crosspatch.tests.oracle;

import org.jspecify.annotations.NullMarked;
