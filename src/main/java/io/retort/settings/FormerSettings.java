package io.retort.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Keys that files written by earlier versions may hold though the settings record has no such settings, and that never
 * decided anything there. They are passed over in reading and not written.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface FormerSettings {
    /** The former keys, as they stand in files. */
    String[] value();
}
