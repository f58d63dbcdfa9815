// Steel plate 600 mm x 400 mm with a hole of 30 mm radius, and a square zone of interest around the hole whose outline
// the mesh respects. Metres. Regenerate the mesh with ./make.sh.
//
//   physical curves    load (left edge), clamped (right edge), free (bottom and top), hole
//   physical surfaces  zone (200 mm square around the hole), plate (the rest)
//
// Why blocks. The explicit stable step follows the worst cell, so one bad cell makes the whole run dearer. Measured with
// steel (E 210 GPa, nu 0.3, rho 7850 kg/m3, plane strain, c_p 6.0 km/s), lumped bilinear quadrilaterals, all with 28 divisions
// per zone side (7.14 mm): the true limit 2 / omega_max and the safe one of the worst element, in microseconds.
//
//   mesh of the zone                                      nodes   shortest height   element limit   true limit
//   frontal + blossom, smoothed (Algorithm 6)              4969        3.0 mm            0.58           0.79
//   packing of parallelograms + blossom (Algorithm 9)      4760        2.6 mm            0.71           0.95
//   O-grid: 4 blocks from the hole to the zone's sides     5684        1.7 mm            0.28           0.31
//   8 blocks, straight radial lines                        4820        5.3 mm            0.76           1.05
//   8 blocks, radial lines bent and graded: this file      4820        6.1 mm            0.90           1.08
//   (squares only, no hole                                             7.1 mm            1.00           1.18)
//
// The idea of the 8 blocks: in a regular grid leave out 6 x 6 cells and pull the rim onto the circle. Its 24 edges are as
// long as the cells elsewhere, and at the four rim corners three cells share the half plane, 60 degrees each. The
// shape of the radial lines (tilt, depth, grading) was found by Nelder-Mead on the stable step.

Lx = 0.6; Ly = 0.4;        // plate
cx = 0.33; cy = 0.2;       // centre of hole and zone
r = 0.03; a = 0.1;         // radius of the hole, half the zone's side
N = 28; k = 6;             // cells per side of the zone; of those opposite a quarter of the hole
tilt = 0.26; dHole = 0.027; dSide = 0.044; grade = 0.988;

h = 2 * a / N;
m = k * h / 2;             // half the part of a zone side that faces a quarter of the hole
c = r / Sqrt(2);
n = (N - k) / 2;           // cells from hole to zone side
nLeft = Round((cx - a) / h); nRight = Round((Lx - cx - a) / h);
nBelow = Round((cy - a) / h); nAbove = Round((Ly - cy - a) / h);

// --- the zone: quarter q is turned by q · 90 degrees ------------------------------------------------------------------
Point(1) = {cx, cy, 0};
For q In {0:3}
  s = Sin(q * Pi / 2); t = Cos(q * Pi / 2); p = 10 * (q + 1);
  Point(p)     = {cx + c*t - c*s, cy + c*s + c*t, 0};                  // on the hole, 45 degrees
  Point(p + 1) = {cx + a*t + m*s, cy + a*s - m*t, 0};                  // zone side, below its middle
  Point(p + 2) = {cx + a*t - m*s, cy + a*s + m*t, 0};                  // zone side, above its middle
  Point(p + 3) = {cx + a*t - a*s, cy + a*s + a*t, 0};                  // zone corner
  x = c + dHole * Cos(tilt); y = c + dHole * Sin(tilt);
  Point(p + 4) = {cx + x*t - y*s, cy + x*s + y*t, 0};                  // controls of the line to p + 2
  Point(p + 5) = {cx + (a - dSide)*t - m*s, cy + (a - dSide)*s + m*t, 0};
  Point(p + 6) = {cx + y*t - x*s, cy + y*s + x*t, 0};                  // controls of the line to the next quarter's p + 1
  Point(p + 7) = {cx + m*t - (a - dSide)*s, cy + m*s + (a - dSide)*t, 0};
EndFor
For q In {0:3}
  p = 10 * (q + 1); next = 10 * ((q + 1) % 4 + 1); last = 10 * ((q + 3) % 4 + 1);
  Bezier(p)     = {p, p + 4, p + 5, p + 2};
  Bezier(p + 1) = {p, p + 6, p + 7, next + 1};
  Line(p + 2)   = {p + 1, p + 2};
  Line(p + 3)   = {p + 2, p + 3};
  Line(p + 4)   = {p + 3, next + 1};
  Circle(p + 5) = {last, 1, p};
  Transfinite Curve {p, p + 1} = n + 1 Using Progression grade;
  Transfinite Curve {p + 2, p + 5} = k + 1;
  Transfinite Curve {p + 3, p + 4} = n + 1;
EndFor
For q In {0:3}
  p = 10 * (q + 1); next = 10 * ((q + 1) % 4 + 1); last = 10 * ((q + 3) % 4 + 1);
  Curve Loop(p) = {-(p + 5), last + 1, p + 2, -p};                      // faces the hole
  Plane Surface(p) = {p};
  Transfinite Surface {p} = {p, last, p + 1, p + 2};
  Curve Loop(p + 1) = {p, p + 3, p + 4, -(p + 1)};                      // corner
  Plane Surface(p + 1) = {p + 1};
  Transfinite Surface {p + 1} = {p, p + 2, p + 3, next + 1};
EndFor

// --- the rest: eight rectangles --------------------------------------------------------------------------------------------
// Zone corners: 23 upper left, 13 upper right, 33 lower left, 43 lower right.
Point(101) = {0, 0, 0};      Point(102) = {cx - a, 0, 0};  Point(103) = {cx + a, 0, 0};  Point(104) = {Lx, 0, 0};
Point(105) = {0, cy - a, 0};                                                             Point(106) = {Lx, cy - a, 0};
Point(107) = {0, cy + a, 0};                                                             Point(108) = {Lx, cy + a, 0};
Point(109) = {0, Ly, 0};     Point(110) = {cx - a, Ly, 0}; Point(111) = {cx + a, Ly, 0}; Point(112) = {Lx, Ly, 0};
Line(101) = {101, 102}; Line(102) = {102, 103}; Line(103) = {103, 104};
Line(104) = {109, 110}; Line(105) = {110, 111}; Line(106) = {111, 112};
Line(107) = {101, 105}; Line(108) = {105, 107}; Line(109) = {107, 109};
Line(110) = {104, 106}; Line(111) = {106, 108}; Line(112) = {108, 112};
Line(113) = {105, 33};  Line(114) = {43, 106};  Line(115) = {107, 23};  Line(116) = {13, 108};
Line(117) = {102, 33};  Line(118) = {103, 43};  Line(119) = {23, 110};  Line(120) = {13, 111};
Transfinite Curve {101, 104, 113, 115} = nLeft + 1;
Transfinite Curve {103, 106, 114, 116} = nRight + 1;
Transfinite Curve {107, 110, 117, 118} = nBelow + 1;
Transfinite Curve {109, 112, 119, 120} = nAbove + 1;
Transfinite Curve {102, 105, 108, 111} = N + 1;
Curve Loop(101) = {101, 117, -113, -107};              Plane Surface(101) = {101};
Curve Loop(102) = {102, 118, -43, -42, -34, -117};     Plane Surface(102) = {102};
Curve Loop(103) = {103, 110, -114, -118};              Plane Surface(103) = {103};
Curve Loop(104) = {113, -33, -32, -24, -115, -108};    Plane Surface(104) = {104};
Curve Loop(105) = {114, 111, -116, -13, -12, -44};     Plane Surface(105) = {105};
Curve Loop(106) = {115, 119, -104, -109};              Plane Surface(106) = {106};
Curve Loop(107) = {-23, -22, -14, 120, -105, -119};    Plane Surface(107) = {107};
Curve Loop(108) = {116, 112, -106, -120};              Plane Surface(108) = {108};
Transfinite Surface {101, 103, 106, 108};
Transfinite Surface {102} = {102, 103, 43, 33};
Transfinite Surface {104} = {105, 33, 23, 107};
Transfinite Surface {105} = {43, 106, 108, 13};
Transfinite Surface {107} = {23, 13, 111, 110};
Recombine Surface {:};

Physical Curve("load") = {107, 108, 109};
Physical Curve("clamped") = {110, 111, 112};
Physical Curve("free") = {101:106};
Physical Curve("hole") = {15, 25, 35, 45};
Physical Surface("zone") = {10, 11, 20, 21, 30, 31, 40, 41};
Physical Surface("plate") = {101:108};
