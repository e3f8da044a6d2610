package io.retort.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes a component of a settings record: what it means, and how it is called in files and on command lines. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** What it decides, in whole sentences for people; without the default, which is read from the record. */
    String value();

    /** Its key; if empty, the component's name in lower case with dashes: {@code batchSize} is {@code batch-size}. */
    String key() default "";

    /** What stands for its value in help texts, such as {@code N} or {@code FILE}. */
    String label() default "VALUE";

    /**
     * Whether results depend on it. A run may be resumed with other values of what decides nothing, such as a number of
     * threads.
     */
    boolean decides() default true;

    /** How its default is told where no value says it, such as "20 for cosines, 1 for dot products". */
    String defaultText() default "";
}
