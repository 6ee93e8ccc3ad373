// Dump
