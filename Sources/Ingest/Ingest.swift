import Dump
