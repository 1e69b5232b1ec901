// The parts of Asio and Beast that are no templates, compiled once for the whole program. Every
// target of ours sees the declarations alone (BOOST_ASIO_SEPARATE_COMPILATION in reviewd_options),
// so whoever uses Asio or Beast links this.

#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
