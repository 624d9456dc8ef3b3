@NullMarked
package dev.crosspatch.core.image;

import org.jspecify.annotations.NullMarked;
