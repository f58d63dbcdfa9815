// The plate with a hole of plate-with-hole.geo, with a named line from bottom to top half way between load and zone, on which
// samples may have a crack. Same nodes, same cells; the three blocks on the left are cut in two. Metres.
//
//   physical curve     crack-line (x = 0.115 m), beside those of plate-with-hole.geo

Include "plate-with-hole.geo";

xc = (cx - a) / 2;
half = nLeft / 2;          // 16 cells on each side

Delete { Surface {101, 104, 106}; }
Delete { Curve {101, 104, 113, 115}; }
Point(121) = {xc, 0, 0}; Point(122) = {xc, cy - a, 0}; Point(123) = {xc, cy + a, 0}; Point(124) = {xc, Ly, 0};
Line(101) = {101, 121}; Line(121) = {121, 102};
Line(113) = {105, 122}; Line(122) = {122, 33};
Line(115) = {107, 123}; Line(123) = {123, 23};
Line(104) = {109, 124}; Line(124) = {124, 110};
Line(125) = {121, 122}; Line(126) = {122, 123}; Line(127) = {123, 124};
Transfinite Curve {101, 104, 113, 115, 121, 122, 123, 124} = half + 1;
Transfinite Curve {125} = nBelow + 1;
Transfinite Curve {126} = N + 1;
Transfinite Curve {127} = nAbove + 1;
Curve Loop(2101) = {101, 125, -113, -107};              Plane Surface(101) = {2101};
Curve Loop(121) = {121, 117, -122, -125};              Plane Surface(121) = {121};
Curve Loop(2104) = {113, 126, -115, -108};              Plane Surface(104) = {2104};
Curve Loop(124) = {122, -33, -32, -24, -123, -126};    Plane Surface(124) = {124};
Curve Loop(2106) = {115, 127, -104, -109};              Plane Surface(106) = {2106};
Curve Loop(126) = {123, 119, -124, -127};              Plane Surface(126) = {126};
Transfinite Surface {101, 121, 104, 106, 126};
Transfinite Surface {124} = {122, 33, 23, 123};
Recombine Surface {101, 121, 104, 124, 106, 126};

Physical Curve("free") += {121, 124};
Physical Curve("crack-line") = {125, 126, 127};
Physical Surface("plate") += {121, 124, 126};
