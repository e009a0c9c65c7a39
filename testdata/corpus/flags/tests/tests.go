// Package tests has a test file that is reported, for -lostgo.tests.
package tests
