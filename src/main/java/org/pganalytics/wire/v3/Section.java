package org.pganalytics.wire.v3;

import java.util.LinkedHashMap;
import java.util.Map;
import org.pganalytics.model.FamilySchema;

/**
 * One kind of rows in the objects of a type.
 *
 * @param index among all sections
 * @param type of the objects
 * @param schema of the family that the rows go to
 * @param databaseColumn the column that is filled with the database the object is about, or -1
 */
record Section(int index, String type, FamilySchema schema, int databaseColumn) {

    /**
     * What is written down of a section.
     *
     * @param path of its rows in an object, with / between names and * for a database; empty for the object itself
     * @param renamed fields called otherwise than their column, by their path in the row; a column of null drops the field
     */
    record Form(String type, String path, String family, Map<String, String> renamed) {
        static Form of(String type, String path, String family, String... renames) {
            var renamed = new LinkedHashMap<String, String>();
            for (int i = 0; i < renames.length; i += 2) {
                renamed.put(renames[i], renames[i + 1]);
            }
            return new Form(type, path, family, renamed);
        }
    }

    int column(String name) {
        var columns = schema.columns();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
