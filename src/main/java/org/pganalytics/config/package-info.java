/**
 * One HOCON file becomes the config records of all rooms; an unknown key is an error. What a setting means does not
 * belong here: the record in its room says it.
 */
package org.pganalytics.config;
