package io.retort.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Narrows a group of settings within a settings record: some of its settings are decided by the record around it. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface SettingGroup {
    /** Keys of the group that cannot be set within this record. */
    String[] without();

    /** What to do instead of setting the withheld keys; keys of other settings stand in double quotes. */
    String instead();
}
