/**
 * People whom a directory knows: their passwords are tried there, their roles follow from their groups, and a sync keeps who
 * may sign in here in step with it. Who has an account here is never touched.
 */
package org.pganalytics.identity.ldap;
