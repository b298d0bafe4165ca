package org.pganalytics.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.pganalytics.fault.WrongValueException;

/**
 * Makes a room's config record from its section: one key a component, spelled in kebab-case, read by the component's
 * type. What is allowed stands in the record's constructor alone; what it refuses becomes a problem at the key's line.
 */
final class Binder {
    /** Keys that hold a secret: each has a companion {@code <key>-file}, and is never shown. */
    private static final Set<String> SECRETS = Set.of(
            "secret", "password", "registration-secret", "legacy-token-secret", "bind-password", "client-secret");

    private static final Map<Class<?>, BiFunction<Section, String, Object>> READERS = Map.of(
            Duration.class, Section::duration,
            String.class, Binder::text,
            Path.class, Section::file,
            List.class, Section::texts,
            Optional.class, (section, key) -> Optional.of(text(section, key)).filter(text -> !text.isEmpty()));

    private Binder() {}

    /**
     * @param given components that do not come from the section, by name
     * @return null when not even the defaults are taken; the problems say why
     */
    static <R extends Record> R bind(Class<R> type, Section section, Map<String, ?> given) {
        var components = type.getRecordComponents();
        var values = new Object[components.length];
        for (int index = 0; index < components.length; index++) {
            var name = components[index].getName();
            values[index] = given.containsKey(name) ? given.get(name) : value(components[index], section);
        }
        return construct(type, section, values, given);
    }

    /** The same record but for some components; refused when its constructor refuses it. */
    static <R extends Record> R with(R record, Map<String, ?> changed) {
        var values = values(record);
        values.putAll(changed);
        var components = Arrays.stream(record.getClass().getRecordComponents()).map(RecordComponent::getName);
        @SuppressWarnings("unchecked")
        var made = (R) canonical(record.getClass(), components.map(values::get).toArray());
        return made;
    }

    /** All components by name. */
    static Map<String, Object> values(Record record) {
        var values = new HashMap<String, Object>();
        for (var component : record.getClass().getRecordComponents()) {
            values.put(component.getName(), component(component, record));
        }
        return values;
    }

    private static Object component(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("cannot read " + component.getName(), impossible);
        }
    }

    /**
     * Each refusal names its key; the default takes its place until the record stands, so that all are found. Where not even
     * the default is taken, as with a key that must be set, there is no record: null.
     */
    private static <R extends Record> R construct(
            Class<R> type, Section section, Object[] values, Map<String, ?> given) {
        var components = type.getRecordComponents();
        var told = new HashSet<Integer>();
        while (true) {
            try {
                return type.cast(canonical(type, values));
            } catch (IllegalArgumentException refusal) {
                int index = named(components, refusal.getMessage());
                if (!told.add(index)) {
                    return null;
                }
                if (index < 0 || given.containsKey(components[index].getName())) {
                    var key = components[Math.max(0, index)].getName();
                    section.problem(kebab(key), refusal.getMessage(), "what the message says");
                    return null;
                }
                tell(section, kebab(components[index].getName()), refusal);
                values[index] = value(components[index], section.ofDefaults());
            }
        }
    }

    private static void tell(Section section, String key, IllegalArgumentException refusal) {
        if (refusal instanceof WrongValueException wrong) {
            section.problem(key, wrong.found(), wrong.allowed());
        } else {
            section.wrong(key, allowed(refusal.getMessage()));
        }
    }

    private static Object canonical(Class<?> type, Object[] values) {
        var types = Arrays.stream(type.getRecordComponents()).map(RecordComponent::getType);
        try {
            var constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
            return constructor.newInstance(values);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof IllegalArgumentException refusal) {
                throw refusal;
            }
            throw new IllegalStateException("cannot make a " + type.getSimpleName(), thrown.getCause());
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException("cannot make a " + type.getSimpleName(), impossible);
        }
    }

    private static Object value(RecordComponent component, Section section) {
        var key = kebab(component.getName());
        var type = component.getType();
        if (type.isPrimitive()) {
            return primitive(type, key, section);
        }
        var read = READERS.get(type);
        if (read != null) {
            return read.apply(section, key);
        }
        return type.isEnum()
                ? choice(type, key, section)
                : bind(type.asSubclass(Record.class), section.section(key), Map.of());
    }

    private static Object primitive(Class<?> type, String key, Section section) {
        if (type == boolean.class) {
            return section.flag(key);
        }
        boolean size = key.contains("bytes");
        if (type == int.class) {
            return size ? (int) Math.min(section.bytes(key), Integer.MAX_VALUE) : section.integer(key);
        }
        if (type == long.class) {
            return size ? section.bytes(key) : section.whole(key);
        }
        return size ? (double) section.bytes(key) : section.number(key);
    }

    private static String text(Section section, String key) {
        return SECRETS.contains(key) ? section.secret(key) : section.text(key);
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object choice(Class<?> type, String key, Section section) {
        return section.choice(key, (Class) type);
    }

    /** A refusal begins with the key it is about: {@code storage.rows-max = 0 must be …}. */
    private static int named(RecordComponent[] components, String message) {
        var key = message.split("[ =:]", 2)[0];
        var last = key.substring(key.lastIndexOf('.') + 1);
        var names = new ArrayList<String>();
        Arrays.stream(components).forEach(component -> names.add(kebab(component.getName())));
        return names.indexOf(last);
    }

    private static String allowed(String message) {
        int must = message.indexOf(" must be ");
        return must < 0 ? message : message.substring(must + " must be ".length());
    }

    static String kebab(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }
}
