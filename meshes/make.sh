#!/bin/sh
# Regenerates every mesh of this folder with Gmsh (made with 4.8.4; other versions may number nodes differently).
set -e
cd "$(dirname "$0")"
for geo in *.geo; do
  gmsh -2 -order 1 -format msh41 "$geo" -o "${geo%.geo}.msh" -v 2
done
