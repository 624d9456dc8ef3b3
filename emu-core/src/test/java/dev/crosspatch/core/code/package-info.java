@NullMarked
package dev.crosspatch.core.code;

import org.jspecify.annotations.NullMarked;
